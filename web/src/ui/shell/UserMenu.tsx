import { Avatar, Menu, UnstyledButton } from '@mantine/core';
import { IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import classes from './UserMenu.module.css';

interface Props {
  name: string;
  role: string;
  onAccount: () => void;
  onShortcuts: () => void;
  onSignOut: () => void;
}

export function UserMenu({ name, role, onAccount, onShortcuts, onSignOut }: Props) {
  return (
    <Menu shadow="md" width={210} position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes.user}>
          <Avatar size={30} radius="xl" color="brand" variant="light" aria-hidden>
            {initials(name)}
          </Avatar>
          <span className={classes.text}>
            <b>{name}</b>
            <small>{role}</small>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUser size={16} />} onClick={onAccount}>
          Account
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words[words.length - 1] : '']
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('');
}
