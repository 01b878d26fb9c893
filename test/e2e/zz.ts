import { makeTestDrive, quietCall } from "../support/open-drive.ts";
const test = await makeTestDrive();
for (const n of [128, 256, 512, 1024]) {
const path = `/${Array.from({ length: n }, () => "d").join("/")}`;
const time = async (name: string, run: () => Promise<unknown>) => { const t = performance.now(); const c = process.cpuUsage().user; await run(); console.log(n, name, Math.round(performance.now() - t), "cpu", Math.round((process.cpuUsage().user - c) / 1000)); };
await time("mkdir", () => test.drive.makeFolder(path, true));
await time("stat", () => test.drive.stat(path));
await time("move", () => test.drive.move("/d", "/e", false));
await time("remove", () => test.drive.remove("/e", true));
await time("verify", () => test.drive.verify(quietCall));
}
await test.remove();
