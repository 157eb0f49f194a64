/** How the pages look: kept in two cookies, read by the server. */
export type Theme = 'dark' | 'light';
export type Contrast = 'normal' | 'more';
export interface Appearance {
  theme: Theme;
  contrast: Contrast;
}

export const THEME_COOKIE = 'fieldline-theme';
export const CONTRAST_COOKIE = 'fieldline-contrast';
const YEAR_S = 365 * 24 * 3600;

/** Dark unless chosen otherwise. */
export function appearanceFrom(cookies: { get(name: string): { value: string } | undefined }): Appearance {
  return {
    theme: cookies.get(THEME_COOKIE)?.value === 'light' ? 'light' : 'dark',
    contrast: cookies.get(CONTRAST_COOKIE)?.value === 'more' ? 'more' : 'normal',
  };
}

/** Applies a look to the page and keeps it for a year. */
export function applyAppearance({ theme, contrast }: Appearance): void {
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.contrast = contrast;
  keep(THEME_COOKIE, theme);
  keep(CONTRAST_COOKIE, contrast);
}

function keep(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain HTTP hosts.
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
