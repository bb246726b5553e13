import react from '@vitejs/plugin-react'
import { viteSingleFile } from 'vite-plugin-singlefile'
import { defineConfig } from 'vitest/config'
import { worldGeometry } from './geometry.ts'
import { notices } from './notices.ts'

const shared = [react(), worldGeometry(), notices()]

// The report is one file with everything in it; the Python side puts the numbers where `report.html` says so.
const report = {
  plugins: [...shared, viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    outDir: '../ecumene/report/page',
    emptyOutDir: true,
    rolldownOptions: { input: 'report.html' },
    chunkSizeWarningLimit: 4000,
  },
}

// The app is served with its API: `vite build --mode app`.
const app = {
  plugins: shared,
  build: {
    outDir: '../ecumene/web/page',
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 4000,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
}

export default defineConfig(({ mode }) => ({
  ...(mode === 'app' ? app : report),
  test: { include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'] },
}))
