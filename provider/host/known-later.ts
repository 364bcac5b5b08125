/** What a preview shows for a value that only the change itself brings about: nothing can be judged by it. */
export const knownLater = "(known after up)";
