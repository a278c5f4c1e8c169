// Looking at pictures: fetched when the first one is opened (views/later.js).
export { Comparing } from "./views/comparing.js";
export { Looking } from "./views/looking.js";
