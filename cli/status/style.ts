/** In a bright room and in a dark one. */
export const colours = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #d5dbe3; --paper: #fff; --card: #f6f8fa;
  --applied: #1a7f4b; --pending: #1f5fbf; --unproven: #7a3fb0; --drifted: #b35900; --gone: #b42318;
  --stopped: #b42318; --unreachable: #5b6675; --unreadable: #b42318; --missing: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --line: #38414d; --paper: #14181e;
  --card: #1c222a; --applied: #4cc38a; --pending: #7db0ff; --unproven: #c79bf2; --drifted: #f0a050; --gone: #ff8a7d;
  --stopped: #ff8a7d; --unreachable: #9aa5b4; --unreadable: #ff8a7d; --missing: #ff8a7d; } }
`;

/** A state's shape and colour. */
export const stateStyle = `
.shape { flex: none; fill: currentColor; vertical-align: -3px; }
.shape .open { fill: none; stroke: currentColor; stroke-width: 2; } .shape .dashed { stroke-dasharray: 3 2; }
.shape .stroke { fill: none; stroke: currentColor; stroke-width: 1.5; } .shape .thick { stroke-width: 3; }
.applied { color: var(--applied); } .pending { color: var(--pending); } .unproven { color: var(--unproven); }
.drifted { color: var(--drifted); } .gone { color: var(--gone); } .stopped { color: var(--stopped); }
.missing { color: var(--missing); } .unreachable { color: var(--unreachable); } .unreadable { color: var(--unreadable); }
`;

/** The page's style: for a desk, a telephone, a dark room and a printer. */
export const style = `${colours}${stateStyle}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .75rem; }
header p { margin: .25rem 0 0; color: var(--soft); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.counts li { display: flex; align-items: center; gap: .4rem; }
.hub { border: 1px solid var(--line); border-radius: .6rem; background: var(--card); padding: .7rem 1rem;
  display: inline-block; min-width: 14rem; }
.hub b { font-size: 1.05rem; } .hub small, .chip small { color: var(--soft); }
.links { margin: 0 0 0 1.5rem; padding: 1rem 0 0 1.25rem; border-left: 2px solid var(--line); display: grid;
  grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .5rem; list-style: none; }
.chip { border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .6rem; display: flex; gap: .5rem;
  align-items: center; min-width: 0; } .chip span { min-width: 0; overflow-wrap: anywhere; line-height: 1.3; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--pending); }
th[aria-sort="ascending"] button::after { content: " \\25B2"; } th[aria-sort="descending"] button::after { content: " \\25BC"; }
code { font: .85em ui-monospace, monospace; } .whole { white-space: nowrap; } td small { color: var(--soft); display: block; }
.trouble { border-left: 4px solid currentColor; padding: .1rem 0 .1rem .9rem; margin: 0 0 1rem; }
.trouble h3 { margin: 0; font-size: 1rem; } .trouble p { margin: .15rem 0; color: var(--ink); overflow-wrap: anywhere; }
@media (max-width: 40rem) { body { padding: 1rem; } .links { margin-left: .5rem; padding-left: .75rem; }
  .wide { position: relative; overflow: hidden; } thead { position: absolute; clip-path: inset(50%); } tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td { display: grid; grid-template-columns: 7.5rem 1fr; border: 0; padding: .1rem 0; } td::before { content: attr(data-label); color: var(--soft); }
  td > * { grid-column: 2; } td:empty { display: none; } }
@media print { h2 { break-after: avoid; } body { max-width: none; padding: 0; font-size: 10pt; } .hub, .chip { background: none; break-inside: avoid; }
  .trouble, tr { break-inside: avoid; } .wide { overflow: visible; } }
`;

/** Sorting is all it does: everything can be read without. */
export const script = `
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const head = button.parentElement, up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const column = [...head.parentElement.children].indexOf(head), body = document.querySelector("tbody");
  const key = (row) => row.children[column].dataset.key;
  const compare = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true });
  for (const row of [...body.rows].sort((a, b) => up ? compare(a, b) : compare(b, a))) body.append(row);
});
`;
