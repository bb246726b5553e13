import react from '@vitejs/plugin-react'
import { viteSingleFile } from 'vite-plugin-singlefile'
import { defineConfig } from 'vitest/config'
import { worldGeometry } from './geometry.ts'
import { notices } from './notices.ts'

// The report is one file with everything in it; the Python side puts the numbers where `report.html` says so.
export default defineConfig({
  plugins: [react(), worldGeometry(), notices(), viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    outDir: '../ecumene/report/page',
    emptyOutDir: true,
    rolldownOptions: { input: 'report.html' },
    chunkSizeWarningLimit: 4000,
  },
  test: { include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'] },
})
