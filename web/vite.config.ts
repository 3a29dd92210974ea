import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.SIYU_DEV_SERVER ?? "http://127.0.0.1:8300";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../src/siyu/console/static",
    emptyOutDir: true,
    target: "es2022",
    manifest: "manifest.json",
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: { "/api": server, "/v1": server, "/sa": server },
  },
});
