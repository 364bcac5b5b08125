// The demo's stack config: stacks/Pulumi.lab.yaml with the addresses and host keys of the lab that was just made.
const { hosts } = JSON.parse(process.argv[2]);
const connection = ({ ip, hostKey }) => ({ host: ip, user: "root", hostKey });
const hub = hosts.find(({ name }) => name === "hub");
const laptops = hosts.filter(({ name }) => name.startsWith("laptop"));
const config = {
    "postfix-stacks:smartHost": { hostname: hub.fqdn, connection: connection(hub) },
    "postfix-stacks:laptops": Object.fromEntries(
        laptops.map((laptop) => [laptop.name, { connection: connection(laptop) }]),
    ),
};
console.log(JSON.stringify({ config }, null, 4));
