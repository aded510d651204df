#!/usr/bin/env python3
"""Makes chat/cases.json: templates that use each part of the language of chat templates, with what
transformers 5.24 on jinja2 3.1.6 makes of them, or null where it refuses them.

    pip install transformers==5.24.0 jinja2==3.1.6 && python3 tests/golden/make_chat.py
"""

import datetime
import json
import pathlib

import jinja2
from transformers.utils import chat_template_utils

assert jinja2.__version__ == "3.1.6"


class FixedDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime(2025, 7, 4, 9, 5, 6)


chat_template_utils.datetime = FixedDatetime

VARIABLES = {
    "messages": [
        {"role": "system", "content": " Be brief.\n"},
        {"role": "user", "content": "Hi, 안녕!\n\nTwo  lines 😀"},
        {"role": "assistant", "content": "<think>x</think>Yes", "calls": [{"a": {"b": [1, 2.5]}}]},
        {"role": "user", "content": ""},
    ],
    "tools": None,
    "n": 7,
    "m": -3,
    "x": 2.5,
    "flag": True,
    "nothing": None,
    "word": "hello World",
    "korean": "양자화 모델",
    "items": [3, 1, 2, 1],
    "mixed": [1, "b", None, True, 2.0, {"k": "v"}, [1], "it's", 'a "q"'],
    "table": {"b": 1, "a": {"c": [True, None]}, "Z": "ä\u2028\t"},
    "people": [
        {"name": "bo", "age": 3, "home": {"city": "서울"}},
        {"name": "Al", "age": 5, "home": {"city": "Rome"}},
        {"name": "cy", "age": 3},
    ],
    "numbers": [0.1, 1e16, 1e-5, 123456789.125, -0.0, 100.0, 1e22, 3],
}

EXPRESSIONS = """
n + m; n - m; n * m; n / 2; n // 2; m // 2; n % 4; m % 4; -n // 2; 2 ** 10; 2 ** -1; n / 7; 7.5 // 2; -7.5 % 2
1 + 2 * 3 - 4; (1 + 2) * 3; 2 * 3 ** 2; -2 ** 2; - n; + n; -x; 1 ~ 2 + 3; 'a' ~ 1 ~ none ~ true ~ 2.0; n ~ missing
1 / 0; 1 // 0; 1 % 0; 9223372036854775807; 'a' + 1; 'a' + 'b'; 'ab' * 3; 3 * 'ab'; [1] * 2; [1] + [2, 3]; (1,) + (2,)
[1] + (2,); none + 1; missing + 1; missing ~ 1; missing; missing.x; missing['x']; messages[9]; messages[9].role
messages[0].nope; messages[0].nope.more; messages[0]['role']; messages[-1]['role']; messages[0]['role'][0]; word.0
n == 7; n == 7.0; true == 1; 'a' == 'b'; [1, 2] == [1, 2.0]; [1] == (1,); {'a': 1} == {'a': 1.0}; none == false
missing == none; missing == missing2; n != 7; n < 8 < 9; 1 < 3 < 2; 'a' < 'b'; 'Z' < 'a'; [1, 2] < [1, 3]; 1 < 'a'
none < 1; missing < 1; n >= 7 and x <= 2.5; not n; not missing; n and m; 0 or 'x'; 0 and missing.x; '' or none
n if flag else m; n if not flag else m; n if not flag; (n if not flag) is defined; 1 if 0 else 2 if 0 else 3
'a' in 'abc'; 'a' not in 'abc'; 1 in items; 9 in items; 'b' in table; 'b' in missing; 1 in 'abc'; 'x' in none; not 1 in items
items[0]; items[-1]; items[9]; items[1:]; items[:2]; items[::-1]; items[::2]; items[-2:]; items[5:1]; items[1:-1:1]; items[3:0:-2]
word[0]; word[-1]; word[1:4]; word[::-1]; korean[0]; korean[-2:]; korean[::-1]; korean[::2]; korean[1:3]; word[99]; word[::0]
items[:none]; n[1:]; none[0]; table['a']['c'][0]; table.a.c[1]; table['b']; table.nope is defined
missing is defined; n is defined; missing is undefined; nothing is none; nothing is not none; n is number; flag is number
flag is boolean; n is boolean; n is integer; flag is integer; x is float; x is integer; word is string; table is mapping
items is sequence; word is sequence; table is sequence; n is sequence; items is iterable; word is iterable; n is iterable
missing is iterable; flag is true; n is true; flag is false; n is even; n is odd; n is divisibleby 7; n is divisibleby(2)
n is eq 7; n is equalto(7); n is ne 7; n is lt 8; n is gt 8; n is ge 7; n is le 6; 1 is in items; 1 is in [2, 3]; word is callable
range is callable; n is nope; not n is even; n is not even; n + 1 is even; word is string and n is number or missing
word|upper; word|lower; word|title; word|capitalize; word|length; korean|length; items|count; table|length; n|length; korean|upper
"they're bill's friends"|title; "they're bill's friends".title(); '-a_b (c) d1e'|title; '-a_b (c) d1e'.title()
'  a b\\n'|trim; 'xxaxx'|trim('x'); messages[0].content|trim; n|trim; nothing|trim; missing|trim; 'ab  '|trim ~ '|'
word|replace('l', 'L'); word|replace('l', 'L', 2); word|replace('', '-'); 'aaa'|replace('aa', 'b'); word|replace('z', 'y'); n|replace(7, 8)
items|join; items|join(', '); mixed|join('|'); people|join(',', attribute='name'); []|join('x'); word|join('-'); missing|join(',')
items|first; items|last; word|first; []|first; korean|last; items|sort; items|sort(reverse=true); people|sort(attribute='age')|map(attribute='name')|list
people|sort(attribute='name')|map(attribute='name')|join(' '); people|sort(attribute='name', case_sensitive=true)|map(attribute='name')|join(' ')
['b', 'A', 'c']|sort|list; ['b', 'A']|sort(case_sensitive=true); [1, 'a']|sort; items|unique|list; ['a', 'A', 'b']|unique|list
items|min; items|max; items|sum; []|max; people|sum(attribute='age'); people|sum(attribute='age', start=10); items|reverse|list; word|reverse
people|map(attribute='home.city')|list; people|map(attribute='home.city', default='-')|list; ['a ', ' b']|map('trim')|list; [1, 2]|map('string')|list
items|map('nope')|list; items|select|list; [0, 1, none, '']|select|list; [0, 1]|reject|list; items|select('odd')|list; items|reject('equalto', 1)|list
people|selectattr('age', 'equalto', 3)|map(attribute='name')|list; people|selectattr('home')|list|length; people|rejectattr('home', 'defined')|list
none|selectattr('a')|list; missing|map('upper')|list; people|selectattr('age', 'gt', 4)|list; items|select('in', [1, 2])|list; 5|list
(items|select('gt', 99)) is true; 1 if items|select('gt', 99) else 2; items|select('gt', 99)|list|length; items|select|length
table|dictsort; table|dictsort(true); {'b': 1, 'a': 2}|dictsort(by='value'); {'b': 1, 'a': 2}|dictsort(reverse=true); table|items|list; missing|items|list
word|default('d'); missing|default('d'); missing|default; ''|default('d'); ''|default('d', true); none|d('e', boolean=true); missing|d(missing2)
'3'|int; ' 42 '|int; '4.7'|int; 'x'|int; 'x'|int(9); 3.99|int; -3.99|int; true|int; none|int; '2.5'|float; 'x'|float; 2|float; 'x'|float(1.5)
x|round; 2.5|round; 3.5|round; 2.567|round(2); 2.1|round(method='ceil'); 2.9|round(0, 'floor'); 5|round; m|abs; -2.5|abs; word|abs
'a\\nb\\n\\nc'|indent; 'a\\nb'|indent(2, true); 'a\\n\\nb'|indent(2, blank=true); 'a\\nb'|indent('> '); 'a\\nb\\n'|indent(1) ~ '|'; ''|indent(2, true) ~ '|'; n|indent; missing|indent; {missing: 1}; missing in table; table[missing] is defined
table|tojson; table|tojson(indent=2); mixed|tojson; korean|tojson; korean|tojson(ensure_ascii=true); '😀'|tojson(ensure_ascii=true); []|tojson(indent=2)
{'a': [], 'b': {}}|tojson(indent=1); table|tojson(sort_keys=true); {'a': 1}|tojson(separators=(',', ':')); numbers|tojson; missing|tojson; range(3)|list|tojson
'\\x00\\x1f\\x7f"\\\\/'|tojson; {1: 2, none: 3, true: 4, 2.5: 5}|tojson; (1, 2)|tojson; {(1, 2): 3}|tojson; word|tojson|length; messages|tojson(indent='\\t')
mixed; table; messages[2]; numbers; (1,); (); (1, 'a'); [none, true]; {'a': "it's"}; 'tab\\t'; ['tab\\t\\x01\\u200b\\u00e9한'] ; {}; [[1], []]
numbers[0]; numbers[1]; numbers[2]; numbers[3]; numbers[4]; numbers[6]; 1e300 * 1e10; 0.1 + 0.2; 1.0; 1e5; 1_000; 3.0 // 1
'<b>'|safe; '<b>'|safe + '<c>'; 'a"' + '<'|safe; ('<b>'|safe) ~ '<c>'; word|string; n|string + 'x'; none|string; missing|string + 'x'
word.upper(); word.split(); word.split('l'); word.split('l', 1); ' a  b '.split(); ' a  b c '.split(none, 1); 'a,b,,c'.split(','); ''.split(','); ''.split(); word.split('')
'a,b,c'.rsplit(',', 1); 'a\\nb\\n'.splitlines(); 'a\\r\\nb\\rc\\x0bd\\u2028e\\n\\nf'.splitlines(); ''.splitlines(); word.startswith('he'); word.startswith(('x', 'h')); word.endswith('d'); word.endswith(1); word.find('o'); word.rfind('o'); korean.find('모')
word.count('l'); ''.count(''); 'x'.join(['a', 'b']); 'x'.join([1]); word.strip('hd'); word.lstrip('h'); word.rstrip('d'); '  a '.strip() ~ '|'; word.replace('o', '0', 1); 'abc'.removeprefix('a'); 'abc'.removesuffix('c')
word.capitalize(); '12'.isdigit(); '1a'.isdigit(); ''.isdigit(); ' \\n'.isspace(); '{} and {}'.format(1, 'b'); '{1}{0}'.format(1, 2); '{{}}'.format(); '{}'.format(); word.nope; word.nope()
table.get('b'); table.get('q'); table.get('q', 5); table.keys()|list; table.values()|list|length; table.items()|list|length; table.copy() == table; table.pop('b'); items.append(1); items.index(2); items.index(9); items.count(1)
range(3)|list; range(1, 4)|list; range(5, 0, -2)|list; range(0)|list; range(100001)|list; range(2, 5)[1]; range(3)|length; range('a'); dict(a=1, b=2); dict({'a': 1}, b=2); dict([('a', 1)]); namespace(a=1).a; namespace(a=1).b; namespace(a=1)['a']; namespace(_a=1)
strftime_now('%d %b %Y'); strftime_now('%Y-%m-%d %H:%M:%S'); strftime_now('%B %A %a %j %y %p %I'); strftime_now('%-d. %-m.'); strftime_now('100%%'); strftime_now('오늘')
'a' 'b'; "it\\'s"; 'a\\\\b'; '\\u00e9\\x41\\101'; '\\q'; true; True; none; None; false; 'a'.upper().lower().title(); ((1)); [1, 2,]; {'a': 1,}; {'a': {'b': 2}}.a.b
nope(); word(); nope|nope; word|nope; word|upper(1); word|replace('a'); range(); word.split(nope=1); 'a' if; 1 +; (1; [1; {1}; a b; 1 is; |upper; n is is; 'open; 1 2; not; 1 not 2
items is sequence and items is not string; messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|join('+'); (messages|last)['role']; messages[-1:][0].role; messages|length - 1
"'" + '"'; ["'"]; ['"']; ["'\\""]; '%'; 'a%sb'; {'a': missing}; [missing]; {[1]: 2}; true + 1; true * 3; 'a' * true; -true; [3, 1] < [3]; {} < {}
"""

TEMPLATES = [
    "{% set größe_양 = 3 %}{{ größe_양 + 1 }}{{ 양 }}",
    "",
    "text only",
    "ends with a line\n",
    "ends with two\n\n",
    "a\r\nb\rc\n",
    "{{ '}}' }}{{ '%}' }}",
    "{{ {'a': {'b': 1}}['a'] }}",
    "  {{ n }}  \n  {{ n -}}  \n  x  {{- n }} y {{- n -}} z",
    "a\n  {% if true %}\n  b\n  {% endif %}\nc",
    "a\n  {%+ if true %}\n  b\n  {%- endif %}\nc",
    "a {%- if true -%} b {%- endif -%} c",
    "a {% if true %} b {% endif %} c",
    "a\n{% if true +%}\nb\n{% endif %}\nc",
    "  {# comment #}  \nb{# x -#}  \n  c {#- y #}\n\nd {#+ z +#}\ne",
    "x {# {{ n }} {% if %} #} y",
    "{% raw %}{{ n }} {% if %}{% endraw %}",
    "a\n  {% raw %}\n  {{ n }}\n  {% endraw %}\nb",
    "a  {%- raw -%}  {{ n }}  {%- endraw -%}  b",
    "{% if n > 5 %}big{% elif n > 3 %}mid{% else %}small{% endif %}",
    "{% if m > 5 %}big{% elif m > -5 %}mid{% else %}small{% endif %}",
    "{% if missing %}a{% else %}b{% endif %}",
    "{% for x in items %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for x in [] %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in missing %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in none %}{{ x }}{% endfor %}",
    "{% for x in 3 %}{{ x }}{% endfor %}",
    "{% for c in korean %}[{{ c }}]{% endfor %}",
    "{% for k in table %}{{ k }}{% endfor %}",
    "{% for k, v in table.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in table|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}",
    "{% for a in items if a != 1 %}{{ loop.index }}/{{ loop.length }}:{{ a }} {% else %}-{% endfor %}",
    "{% for a in items if a > 9 %}{{ a }}{% else %}-{% endfor %}",
    "{% for x in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
    "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in items %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in items %}{% for y in [1, 2] %}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}",
    "{% for x in items %}{% if loop.previtem is defined and loop.previtem == 3 %}!{% endif %}{% endfor %}",
    "{% for x in range(9) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1, 2] %}{% for y in [1, 2] %}{% if y == 2 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
    "{% break %}",
    "{% for x in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
    "{% set a = 1 %}{{ a }}{% set a = a + 1 %}{{ a }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = 1 %}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set a = 1 %}{% for x in [1, 2] %}{{ a }}{% set a = 5 %}{{ a }}{% endfor %}{{ a }}",
    "{% if true %}{% set a = 1 %}{% endif %}{{ a }}",
    "{% for x in [1] %}{% if true %}{% set a = 1 %}{% endif %}{{ a }}{% endfor %}{{ a }}",
    "{% set ns = namespace(a=1) %}{% for x in [1, 2] %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }}",
    "{% set ns = namespace() %}{% set ns.b = 2 %}{{ ns.b }}{{ ns.c }}{{ ns.c is defined }}",
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}",
    "{% set table.b = 2 %}",
    "{% set nope.b = 2 %}",
    "{% set ns = namespace() %}{% set ns._a = 2 %}",
    "{% set a %}x{{ n }}y{% endset %}{{ a }}{{ a|length }}",
    "{% set a | upper | trim %} x{{ n }}y {% endset %}[{{ a }}]",
    "{% filter upper %}ab{{ word }}{% endfilter %}",
    "{% filter trim | replace('l', 'L') %}  {{ word }}  {% endfilter %}|",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% set a = 3 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% macro f(a, b=2) %}{{ a }}-{{ b }};{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=4, a=5) }}{{ f() }}",
    "{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(b=2) }}",
    "{% macro f(a) %}  {{ a }}\n{% endmacro %}[{{ f(1)|trim }}]{{ f(2)|length }}",
    "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
    "{% macro f() %}{{ v }}{% endmacro %}{% set v = 3 %}{{ f() }}",
    "{% macro f() %}{{ x }}{% endmacro %}{% for x in items %}{{ f() }}{% endfor %}",
    "{% macro f() %}{% set q = 1 %}{% endmacro %}{{ f() }}{{ q }}",
    "{% macro f(x) %}<{{ caller() }}{{ x }}>{% endmacro %}{% call f(1) %}in {{ n }}{% endcall %}",
    "{% macro f() %}{{ caller('u') }}{% endmacro %}{% call(who) f() %}hi {{ who }}{% endcall %}",
    "{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}",
    "{% call word %}{% endcall %}",
    "{% generation %}a{{ n }}{% endgeneration %}b",
    "{%- generation -%} a {%- set q = 1 -%} {%- endgeneration -%} {{ q }}b",
    "{{ raise_exception('Roles must alternate') }}",
    "{% if not flag %}{{ raise_exception('no') }}{% endif %}ok",
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message.content | trim + '<|end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}",
    "{%- for m in messages %}\n{%- if m.role == 'system' %}\n{{- m.content }}\n{%- else %}\n[{{ m.role }}]\n{% endif %}\n{%- endfor %}\n",
    "{% for m in messages[1:] %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('x') }}{% endif %}{{ m.role }}{% endfor %}",
    "{% set content = messages[2].content.split('</think>')[-1].lstrip('\\n') %}{{ content }}",
    "{% for m in messages %}{% if m.calls is defined %}{% for c in m.calls %}{{ c | tojson }}{% endfor %}{% endif %}{% endfor %}",
    "{% if tools is none %}none{% endif %}{% if tools is defined %}defined{% endif %}{% if tools %}tools{% endif %}",
    "{% if true: %}a{% endif %}",
    "{% for x in items: %}{{ x }}{% endfor: %}",
    "{{ 1, 2 }}",
    "{{ }}",
    "{{ n",
    "{% if n %}",
    "{% if %}{% endif %}",
    "{% endif %}",
    "{% for x items %}{% endfor %}",
    "{% for 1 in items %}{% endfor %}",
    "{% nope %}",
    "{% include 'x' %}",
    "{% set 1 = 2 %}",
    "{% macro f( %}{% endmacro %}",
    "{# open",
    "{% raw %} open",
    "{{ n }}}} {% if 1 %}}{% endif %}",
    "{{ '' }}\n\n{{ '' }}\n",
    "\n{% if true %}\n\n{% endif %}\n\n",
    "\u3000{%- if true %}\u00a0{{- n }}{% endif %}",
    "한{{ korean }}글{% if korean == '양자화 모델' %}참{% endif %}",
    "{{ n $ 1 }}",
    "{{ __class__ }}",
    "{{ word.__class__ }}",
    "{{ ''.__class__.__mro__ }}",
    "{% set x = 5 %}{% macro g() %}{{ x }}{% set x = 6 %}{{ x }}{% endmacro %}{{ g() }}{{ x }}",
    "{% for x in items %}{% set loop_x = x %}{% endfor %}{{ loop_x is defined }}",
    "{% if n is defined and n is not none and n|string|length > 0 %}y{% endif %}",
    "{%- set ns = namespace(found=false) -%}{%- for m in messages[::-1] -%}{%- if not ns.found and m.role == 'user' -%}"
    "{%- set ns.found = true -%}{{ loop.index0 }}{%- endif -%}{%- endfor -%}",
]


def main():
    texts = list(TEMPLATES)
    for line in EXPRESSIONS.strip().splitlines():
        texts += ["{{ " + one.strip() + " }}" for one in line.split("; ")]
    cases = []
    for text in texts:
        given = dict(VARIABLES)
        messages = given.pop("messages")
        try:
            made = chat_template_utils.render_jinja_template(
                [messages], chat_template=text, tools=given.pop("tools"), **given
            )[0][0]
        except Exception:  # whatever is wrong with it
            made = None
        cases.append({"template": text, "text": made})
    known = {**VARIABLES, "documents": None, "add_generation_prompt": False}
    whole = {"variables": json.dumps(known), "cases": cases}
    path = pathlib.Path(__file__).parent / "chat" / "cases.json"
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=0) + "\n")
    print(len(cases), "cases,", sum(case["text"] is None for case in cases), "refused")


if __name__ == "__main__":
    main()
