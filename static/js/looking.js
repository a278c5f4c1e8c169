// Looking at pictures: fetched when the first one is opened (views/later.js).
export { Comparing } from "./views/comparing.js";
export { Cutting } from "./views/cutting.js";
export { Looking } from "./views/looking.js";
