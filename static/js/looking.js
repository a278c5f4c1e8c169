// Looking at pictures: fetched when the first one is opened (views/later.js).
export { Looking } from "./views/looking.js";
