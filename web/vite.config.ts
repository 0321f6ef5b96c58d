import react from '@vitejs/plugin-react';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig } from 'vitest/config';

const OUT = new URL('../src/vestry/static', import.meta.url).pathname;
const SWAGGER = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png', 'LICENSE'];

/** The API's own documentation page is served from our files, so it works offline and under the CSP. */
function swagger() {
  return {
    name: 'swagger-ui',
    apply: 'build' as const,
    writeBundle() {
      const from = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
      mkdirSync(join(OUT, 'swagger'), { recursive: true });
      for (const name of SWAGGER) copyFileSync(join(from, name), join(OUT, 'swagger', name));
    },
  };
}

/** Writes .gz and .br beside every text asset, so that the server never compresses at run time. */
function precompress() {
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) visit(path);
      else if (/\.(js|css|html|svg|json)$/.test(name)) compress(path);
    }
  };
  const compress = (path: string): void => {
    const bytes = readFileSync(path);
    if (bytes.length < 1024) return;
    // Quality 11 takes seconds on the largest files for one or two percent.
    const params = { [constants.BROTLI_PARAM_QUALITY]: bytes.length > 400_000 ? 9 : 11 };
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  };
  return { name: 'precompress', apply: 'build' as const, closeBundle: () => visit(OUT) };
}

export default defineConfig({
  plugins: [react(), swagger(), precompress()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': `http://127.0.0.1:${process.env.PORT ?? '8000'}` },
  },
  build: {
    target: 'es2022',
    outDir: OUT,
    emptyOutDir: true,
    sourcemap: false,
    chunkSizeWarningLimit: 600,
    assetsInlineLimit: 2048,
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['./tests/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    css: false,
  },
});
