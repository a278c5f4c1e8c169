// Rows of tables (GFM).

const DELIMITER = /^:?-+:?$/;

/** The cells of a row; a `|` behind a backslash is part of a cell, also inside code. */
export function cellsOf(row) {
  let text = row.trim();
  if (text[0] === "|") text = text.slice(1);
  const cells = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "|") {
      cells.push(text.slice(from, at));
      from = at + 1;
    }
  }
  if (text.slice(from).trim()) cells.push(text.slice(from));
  return cells.map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

/** How each column is set, by the line under the head of a table; null when it is no such line. */
export function delimiters(line) {
  if (!/^[-:|\s]+$/.test(line) || !line.includes("-") || !/[|:]/.test(line)) return null;
  const cells = cellsOf(line);
  if (!cells.length || !cells.every((cell) => DELIMITER.test(cell))) return null;
  return cells.map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "end") : cell.startsWith(":") ? "start" : ""));
}

/** As many cells as the table has columns. */
export function fitted(cells, columns) {
  return Array.from({ length: columns }, (_, at) => cells[at] ?? "");
}
