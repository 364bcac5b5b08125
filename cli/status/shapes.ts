import type { MachineState } from "./report";

/** A state by shape as well as by colour: for print, and for whoever sees no red. */
const paths: Record<MachineState, string> = {
    applied: '<circle cx="8" cy="8" r="6"/>',
    pending: '<circle cx="8" cy="8" r="5.5" class="open"/><path d="M8 4.5V8l2.5 2" class="stroke"/>',
    unproven: '<path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" class="open"/>',
    drifted: '<path d="M8 1.5 15 14H1Z"/>',
    gone: '<path d="M2.5 2.5l11 11M13.5 2.5l-11 11" class="stroke thick"/>',
    missing: '<rect x="2.5" y="2.5" width="11" height="11" class="open dashed"/>',
    stopped: '<rect x="2" y="2" width="12" height="12"/>',
    unreadable: '<path d="M8 1.5v8.5" class="stroke thick"/><circle cx="8" cy="13.5" r="2"/>',
    unreachable: '<circle cx="8" cy="8" r="5.5" class="open dashed"/>',
};

export const shape = (state: MachineState): string =>
    `<svg class="shape ${state}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${paths[state]}</svg>`;
