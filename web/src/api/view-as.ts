/**
 * An administrator may look at everything as somebody else does, in one window and without changing anything. Who that
 * is lasts as long as the window, and goes out with every read.
 */
const KEY = 'vestry-view-as';

export const VIEW_AS = 'X-View-As';

export function viewedAs(): string | null {
  return sessionStorage.getItem(KEY);
}

export function beginViewingAs(userId: number): void {
  sessionStorage.setItem(KEY, String(userId));
}

export function stopViewing(): void {
  sessionStorage.removeItem(KEY);
}
