/** An element's own style properties, `style=${styleMap({ width: '50%' })}`. They are set through the CSS
 * object model: Lit's directive of that name writes a style attribute at first, which a site that
 * allows styles from its own files only (`style-src 'self'`) refuses. */
import { noChange } from 'lit';
import { directive, Directive, type AttributePart } from 'lit/directive.js';

type Properties = Readonly<Record<string, string>>;

class StyleMap extends Directive {
  #set: readonly string[] = [];

  override render(_properties: Properties): typeof noChange {
    return noChange;
  }

  override update({ element }: AttributePart, [properties]: [Properties]): typeof noChange {
    const { style } = element as HTMLElement | SVGElement;
    for (const name of this.#set) if (!(name in properties)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    this.#set = Object.keys(properties);
    return noChange;
  }
}

export const styleMap = directive(StyleMap);
