// Connects to every host of a list, runs `true`, and hangs up: no more than that, so that no more is measured.
const { readFileSync } = require("node:fs");
const { Client } = require("ssh2");

const { key, atOnce, hosts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const privateKey = readFileSync(key);
const waiting = [...hosts];

function visit({ ip, hostKey }) {
    const expected = Buffer.from(hostKey.split(" ")[1], "base64");
    return new Promise((resolve, reject) => {
        const client = new Client();
        client.on("error", reject);
        client.on("ready", () =>
            client.exec("true", (error, channel) => {
                if (error) return reject(error);
                channel.on("exit", (code) => {
                    client.end();
                    if (code === 0) resolve();
                    else reject(new Error(`${ip}: true ended with ${code}`));
                });
                channel.resume();
            }),
        );
        client.connect({
            host: ip,
            username: "root",
            privateKey,
            hostVerifier: (shown) => shown.equals(expected),
        });
    });
}

async function lane() {
    for (let host = waiting.shift(); host; host = waiting.shift()) await visit(host);
}

Promise.all(Array.from({ length: atOnce }, lane)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
