import { notifications } from '@mantine/notifications';

/** A short receipt in the corner. Errors are shown where they happened, never here. */
export function notify(title: string, message?: string): void {
  notifications.show({ title, message: message ?? '', closeButtonProps: { 'aria-label': 'Dismiss' } });
}
