/* Arguments, help, exit statuses. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { bitloss, golden } from "./command.mjs";

const model = golden("tiny_llama");
const commands = ["inspect", "convert", "generate", "compare", "train"];

function refuses(args, sentence) {
  const { status, out, err } = bitloss(args);
  assert.equal(status, 2, `${args.join(" ")}: ${err}`);
  assert.equal(out, "");
  assert.match(err, /^bitloss: [^\n]+\n$/, "one sentence");
  assert.match(err, sentence);
}

test("--version prints the version", () => {
  assert.deepEqual(bitloss(["--version"]), {
    status: 0,
    signal: null,
    out: "bitloss 0.1.0\n",
    err: "",
  });
});

test("--help names every command", () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const { status, out, err } = bitloss(args);
    assert.equal(status, 0);
    assert.equal(err, "");
    for (const name of commands) assert.match(out, new RegExp(`^  ${name} `, "m"));
  }
});

test("each command's help explains its options and gives examples", () => {
  const own = {
    inspect: ["--tensors", "--metadata"],
    convert: ["--hf-path, --model", "--mlx-path", "-q, --quantize", "--q-bits", "--dtype"],
    generate: ["--prompt", "--recipe", "--max-tokens", "--temp", "--top-k", "--seed"],
    compare: ["--recipes", "--prompt", "--max-tokens", "--tasks"],
    train: ["--config", "--data", "--out", "--resume", "--steps"],
  };
  for (const name of commands) {
    const { status, out } = bitloss([name, "--help"]);
    assert.equal(status, 0);
    for (const option of [...own[name], "--json", "--threads", "--color", "-h, --help"]) {
      assert.ok(out.includes(option), `${name} --help lacks ${option}`);
    }
    assert.match(out, new RegExp(`^Examples\\n(.*\\n)*  bitloss ${name} `, "m"));
    assert.equal(bitloss(["help", name]).out, out);
    for (const line of out.slice(0, out.indexOf("\nExamples")).split("\n")) {
      assert.ok(line.length <= 80, `${name}: ${line}`);
    }
  }
});

test("help tells the defaults that the parser uses", () => {
  assert.match(bitloss(["convert", "--help"]).out, /--q-bits[^-]*\(default: 4\)/);
  assert.match(bitloss(["convert", "--help"]).out, /--q-group-size[^-]*\(default:\s+64\)/);
});

test("no command, or an unknown one, is a usage error", () => {
  refuses([], /no command/);
  refuses(["conver"], /no command 'conver'; the nearest is convert/);
  refuses(["frobnicate"], /'bitloss --help' lists them/);
});

test("an unknown option is named, with the nearest one", () => {
  refuses(["convert", "--q-bit", "4"], /'--q-bit'; the nearest is --q-bits/);
  refuses(["convert", "--bits=4"], /'--bits'; the nearest is --q-bits/);
  refuses(["generate", "--max_tokens", "4"], /'--max_tokens'; the nearest is --max-tokens/);
  refuses(["generate", "--tmep", "4"], /'--tmep'; the nearest is --temp/);
  refuses(["inspect", "--xyzzy", "x"], /'--xyzzy'; 'bitloss inspect --help' lists them/);
  refuses(["convert", "-z"], /no option '-z'/);
});

test("values are checked, and the sentence says what was expected", () => {
  const convert = (...rest) => ["convert", "--hf-path", model, "--mlx-path", "/nonexistent/x", ...rest];
  refuses(convert("-q", "--q-bits", "four"), /--q-bits is 'four', expected a whole number from 2 to 8/);
  refuses(convert("-q", "--q-bits", "4.5"), /--q-bits is '4.5'/);
  refuses(convert("-q", "--q-bits", "99999999999999999999"), /--q-bits is/);
  refuses(convert("-q", "--q-bits", "7"), /bits is 7, expected 2, 3, 4, 5, 6 or 8/);
  refuses(convert("-q", "--q-group-size", "48"), /group is 48, expected 32, 64 or 128/);
  refuses(convert("--dtype", "int8"), /--dtype is 'int8', expected float16, bfloat16 or float32/);
  refuses(convert("--threads", "0"), /--threads is '0'/);
  refuses(convert("-q", "-d"), /exclude each other/);
  refuses(convert("--quantize=yes"), /--quantize takes no value/);
  refuses(["generate", "--model", model, "--prompt", "x", "--temp", "nan"], /--temp is 'nan'/);
  refuses(["generate", "--model", model, "--prompt", "x", "--temp", "-1"], /--temp is '-1'/);
  refuses(["generate", "--model", model, "--prompt", "x", "--recipe", "affine:1:64"], /bits is/);
  refuses(["compare", "--model", model, "--prompt", "x", "--recipes", "affine:4:64,"], /recipe ''/);
  refuses(["convert", model, "--quant-predicate", "mixed_5_6"], /--quant-predicate is 'mixed_5_6'/);
  refuses(["generate", "--model", model, "--prompt", "x", "--recipe", "q4_k_x"], /perhaps q4_k was meant/);
});

test("options of mlx_lm that bitloss does not have get a sentence", () => {
  refuses(["convert", "--upload-repo", "me/model"], /--upload-repo: .*sends nothing/);
  refuses(["convert", "--trust-remote-code"], /--trust-remote-code: .*runs no code/);
  refuses(["convert", "--q-mode", "mxfp4"], /--q-mode is 'mxfp4', expected affine/);
});

test("what is required must be there", () => {
  refuses(["inspect"], /inspect needs --model MODEL/);
  refuses(["convert"], /convert needs --hf-path MODEL/);
  refuses(["generate", model], /generate needs --prompt TEXT/);
  refuses(["generate", model, "--prompt"], /--prompt needs a value/);
  refuses(["generate", model, "--prompt", "--temp", "1"], /--prompt needs a value/);
  refuses(["inspect", model, model], /one argument too many/);
});

test("a model may be given with or without the option's name, and after --", () => {
  const { out } = bitloss(["inspect", model]);
  assert.match(out, /^tiny_llama\n/);
  assert.equal(bitloss(["inspect", "--model", model]).out, out);
  assert.equal(bitloss(["inspect", `--model=${model}`]).out, out);
  assert.equal(bitloss(["inspect", "--", model]).out, out);
});

test("colours come when asked for, and never into a pipe by themselves", () => {
  const escape = "\u001b[";
  assert.ok(!bitloss(["inspect", model]).out.includes(escape));
  assert.ok(bitloss(["inspect", model, "--color", "always"]).out.includes(escape));
  assert.ok(!bitloss(["inspect", model, "--color", "never"]).out.includes(escape));
});
