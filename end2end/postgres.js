// A PostgreSQL of one's own, and a way to it that can be cut.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

const BESIDE = fileURLToPath(new URL('../.ci/with-postgres', import.meta.url));

export class Postgres {
  #keeper;
  #way;
  #open = new Set();
  #isCut = false;

  static async start() {
    const postgres = new Postgres();
    // It stands as long as what it stands beside, which waits for the end of what it is told.
    const child = spawn(BESIDE, ['sh', '-c', 'echo "$KEYFOLD_TEST_POSTGRES"; cat >/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    postgres.#keeper = child;
    const url = new URL(await new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').once('data', (line) => resolve(line.trim()));
      child.once('close', (code) => reject(new Error(`PostgreSQL did not start: ${code}`)));
    }));
    await postgres.#pave(Number(url.port));
    url.port = postgres.#way.address().port;
    postgres.url = url.href;
    return postgres;
  }

  async #pave(port) {
    this.#way = net.createServer((near) => {
      if (this.#isCut) return near.destroy();
      const far = net.connect(port, '127.0.0.1');
      for (const [socket, other] of [[near, far], [far, near]]) {
        this.#open.add(socket);
        socket.once('close', () => { this.#open.delete(socket); other.destroy(); });
        socket.on('error', () => {});
        socket.pipe(other);
      }
    });
    this.#way.listen(0, '127.0.0.1');
    await once(this.#way, 'listening');
  }

  /** As if the machine it runs on had gone. */
  cut() {
    this.#isCut = true;
    this.#open.forEach((socket) => socket.destroy());
  }

  mend() {
    this.#isCut = false;
  }

  async stop() {
    this.cut();
    this.#way.close();
    this.#keeper.stdin.end();
    if (this.#keeper.exitCode === null) await once(this.#keeper, 'close');
  }
}
