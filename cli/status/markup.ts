const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

/** A text as it may stand in HTML, also within quotes: what a machine says is somebody else's. */
export const escaped = (text: string): string =>
    text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
