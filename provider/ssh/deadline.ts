/** A time limit that can stand still while its owner waits for others. */
export class Deadline {
    private readonly began = Date.now();
    private stoodStill = 0;

    constructor(private readonly milliseconds: number) {}

    get left(): number {
        return this.milliseconds - this.spent;
    }

    get spent(): number {
        return Date.now() - this.began - this.stoodStill;
    }

    /** Takes a time that is over out of the count. */
    giveBack(milliseconds: number): void {
        this.stoodStill += milliseconds;
    }
}
