import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const quiet = [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=2000"],
];

/** Runs the browser on one file, without a network where that can be had. */
export function browse(page: string, words: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-page-"));
    try {
        const file = join(folder, "page.html");
        writeFileSync(file, page);
        const command = [
            "chromium",
            ...quiet,
            `--user-data-dir=${folder}/profile`,
            ...words,
            `file://${file}`,
        ];
        const alone = process.getuid?.() === 0 ? ["unshare", "--net", ...command] : command;
        const [program = "", ...rest] = alone;
        return execFileSync(program, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** A page of some width in a frame, since no window of a browser is as narrow as a telephone. */
export function framed(page: string, width: number, height: number): string {
    const text = page.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    return `<body style="margin:0"><iframe id="page" style="width:${width}px;height:${height}px;border:0" srcdoc="${text}"></iframe>`;
}

/** What `look`, the text of a function of the page's window, finds on a page of some width. */
export function lookAt(page: string, width: number, look: string): unknown {
    const out = browse(
        `<!doctype html>${framed(page, width, 2000)}
<pre id="found"></pre><script>addEventListener("load", () => {
  document.querySelector("#found").textContent = JSON.stringify((${look})(document.querySelector("#page").contentWindow));
});</script>`,
        ["--dump-dom"],
    );
    const [, found = ""] = /<pre id="found">([^<]*)<\/pre>/.exec(out) ?? [];
    return JSON.parse(found.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
}
