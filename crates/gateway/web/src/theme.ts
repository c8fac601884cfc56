// Looks: one accent, calm neutrals, text that meets WCAG 2.2 AA on every surface, light and dark.
import type { CSSVariablesResolver, MantineColorsTuple } from "@mantine/core";
import { createTheme } from "@mantine/core";
import { t } from "./strings";

const iris: MantineColorsTuple = ["#eef0ff", "#dfe3ff", "#bfc7fc", "#9aa6f7", "#7785f0", "#5c6be4", "#4a59d6", "#3d4abf", "#333ea3", "#2b3485"];
const dark: MantineColorsTuple = ["#e6e8ee", "#c9cdd8", "#a6acbb", "#7d8496", "#454b5b", "#343947", "#252a35", "#1c2029", "#15181f", "#0f1217"];
const gray: MantineColorsTuple = ["#f8f9fb", "#f1f3f6", "#e7eaef", "#dadee6", "#c5cbd6", "#a3abb9", "#7c8595", "#5a6373", "#3b4352", "#20262f"];

// Filled buttons and subtle text of it meet AA on both schemes.
const red: MantineColorsTuple = ["#fdeaec", "#fad5d9", "#f6b7be", "#f4939d", "#ff8591", "#d63b4e", "#c02b3c", "#a32232", "#871b29", "#6b1520"];

export const theme = createTheme({
  colors: { iris, dark, gray, red },
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "14px" },
  cursorType: "pointer",
  focusRing: "auto",
  headings: { fontWeight: "620", sizes: { h1: { fontSize: "1.125rem" }, h2: { fontSize: "0.9375rem" }, h3: { fontSize: "0.8125rem" } } },
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": t.shortcuts.close } } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Button: { defaultProps: { size: "xs" } },
    // The first choice has the focus: what holds it otherwise is no child that a menu may have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    TextInput: { defaultProps: { size: "sm" } },
    Table: { defaultProps: { verticalSpacing: 9, horizontalSpacing: 14 } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a6373",
    "--mantine-color-error": "#c02b3c",
    "--mantine-color-placeholder": "#667084",
    "--mantine-color-body": "#ffffff",
    "--sb-canvas": "#f5f6f9",
    "--sb-panel": "#ffffff",
    "--sb-raised": "#ffffff",
    "--sb-line": "#e4e7ed",
    "--sb-line-strong": "#d0d5de",
    "--sb-text": "#1b2029",
    "--sb-hover": "#f1f3f7",
    "--sb-selected": "#e9ecfd",
    "--sb-accent": "#4a59d6",
    "--sb-accent-text": "#3d4abf",
    "--sb-mine": "#e9ecfd",
    "--sb-theirs": "#f1f3f6",
    "--sb-good": "#13795b",
    "--sb-good-soft": "#e3f5ee",
    "--sb-warn": "#8f5200",
    "--sb-warn-soft": "#fdf1dd",
    "--sb-bad": "#c02b3c",
    "--sb-bad-soft": "#fdeaec",
    "--sb-dot-good": "#1f9d76",
    "--sb-dot-warn": "#e08a12",
    "--sb-dot-bad": "#dd4153",
    "--sb-dot-off": "#8b93a3",
    "--sb-shadow": "0 10px 30px rgb(24 32 56 / 16%), 0 2px 6px rgb(24 32 56 / 8%)",
  },
  dark: {
    "--mantine-color-dimmed": "#9aa2b3",
    "--mantine-color-error": "#ff8591",
    "--mantine-color-placeholder": "#8b93a5",
    "--mantine-color-body": "#15181f",
    "--sb-canvas": "#0f1217",
    "--sb-panel": "#15181f",
    "--sb-raised": "#1c2029",
    "--sb-line": "#262b36",
    "--sb-line-strong": "#363c4a",
    "--sb-text": "#e6e8ee",
    "--sb-hover": "#1d212a",
    "--sb-selected": "#242a45",
    "--sb-accent": "#8b98f8",
    "--sb-accent-text": "#a9b3fb",
    "--sb-mine": "#2a3160",
    "--sb-theirs": "#22262f",
    "--sb-good": "#56cfa5",
    "--sb-good-soft": "#14302a",
    "--sb-warn": "#f0b45a",
    "--sb-warn-soft": "#352a17",
    "--sb-bad": "#ff8591",
    "--sb-bad-soft": "#3b1d23",
    "--sb-dot-good": "#35b98e",
    "--sb-dot-warn": "#e8a33d",
    "--sb-dot-bad": "#f0606f",
    "--sb-dot-off": "#6b7284",
    "--sb-shadow": "0 12px 34px rgb(0 0 0 / 55%), 0 0 0 1px #363c4a",
  },
});
