/** Mail as one part of a larger program: the hub runs on a machine that the same `pulumi up` makes. */
import { Mail } from "./mail";
import { VirtualMachine } from "./virtual-machine";

const machine = new VirtualMachine("mail-vm");

const mail = new Mail("mail", {
    hostname: "mailhub.example.com",
    machine,
    laptops: {
        alice: {
            host: "192.0.2.101",
            hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        },
    },
});

/** For the DNS of the company, and for fleets in other stacks. */
export const address = machine.publicIp;
export const smartHost = mail.smartHost;
