/* What the built page may do, as a Content-Security-Policy: run its own scripts and wasm, style itself
 * from its own files, and read models from anywhere over https; nothing else. The page says it of
 * itself (vite.config.ts), and its server says it for the workers too (serve.mjs). */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
