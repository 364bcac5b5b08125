/** The word a person most likely meant, if any is near enough to be worth a question. */
export function nearestName(given: string, words: readonly string[]): string | undefined {
    return nearestNames(given, words, 1)[0];
}

/** The words that a person may have meant, the most likely one first. */
export function nearestNames(given: string, words: readonly string[], most: number): string[] {
    const wanted = given.toLowerCase();
    return words
        .map((word) => ({ word, distance: editDistance(wanted, word.toLowerCase()) }))
        .filter(({ distance }) => distance <= Math.max(2, Math.floor(given.length / 3)))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, most)
        .map(({ word }) => word);
}

/** How many letters must be added, dropped, changed or swapped with their neighbour. */
export function editDistance(left: string, right: string): number {
    let before: number[] = [];
    let row = Array.from({ length: right.length + 1 }, (_, index) => index);
    for (let i = 1; i <= left.length; i++) {
        const next = [i];
        for (let j = 1; j <= right.length; j++) {
            const change = left[i - 1] === right[j - 1] ? 0 : 1;
            const steps = [at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + change];
            const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
            if (swapped) steps.push(at(before, j - 2) + 1);
            next.push(Math.min(...steps));
        }
        before = row;
        row = next;
    }
    return at(row, right.length);
}

const at = (row: number[], index: number): number => row[index] ?? 0;
