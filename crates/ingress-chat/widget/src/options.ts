// What the page says in the script tag.

export interface Options {
  server: string;
  entryPoint: string;
  tenant: string;
  title: string;
  color: string;
  theme: "auto" | "light" | "dark";
  position: "right" | "left";
  name: string;
  email: string;
}

export function read(script: HTMLScriptElement): Options {
  const data = script.dataset;
  return {
    server: (data["server"] ?? new URL(script.src, location.href).origin).replace(/\/$/, ""),
    entryPoint: data["entryPoint"] ?? "",
    tenant: data["tenant"] ?? "",
    title: data["title"] ?? "",
    color: colorOf(data["color"]),
    theme: data["theme"] === "light" || data["theme"] === "dark" ? data["theme"] : "auto",
    position: data["position"] === "left" ? "left" : "right",
    name: data["name"] ?? "",
    email: data["email"] ?? "",
  };
}

// Only "#rrggbb": the value goes into a style sheet.
export function colorOf(text: string | undefined): string {
  return text && /^#[0-9a-f]{6}$/i.test(text) ? text : "#3451b2";
}

// Black or white, whichever reads better on `color` (relative luminance, WCAG 2.2).
export function inkOn(color: string): string {
  const channel = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#111318" : "#ffffff";
}
