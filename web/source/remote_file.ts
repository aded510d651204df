/** A file of a model on a server, as it is known before it is downloaded. */
export interface RemoteFile {
  /** As the engine knows it: `config.json`, `model-00001-of-00002.safetensors`. */
  name: string;
  url: string;
  /** Bytes; 0 where the server does not tell. */
  size: number;
  /** Of its bytes, in hexadecimal digits, where the server tells; else null. */
  sha256: string | null;
}
