import { Menu, UnstyledButton } from '@mantine/core';
import { IconBuildingBank, IconCheck, IconSelector } from '@tabler/icons-react';
import classes from './BrandMenu.module.css';
import { Logo } from './Logo';

interface Props {
  title: string;
  sub: string;
  funds: { id: string; name: string }[];
  current?: string;
  onChoose: (id: string) => void;
  onAll: () => void;
}

/** The firm, or the fund that is open, and the way to another one. */
export function BrandMenu({ title, sub, funds, current, onChoose, onAll }: Props) {
  return (
    <Menu shadow="md" width={260} position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.target}>
          <span className="sr-only">Switch fund: </span>
          <Logo />
          <span className={classes.text}>
            <b>{title}</b>
            <small>{sub}</small>
          </span>
          <IconSelector size={16} className={classes.chevron} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Funds</Menu.Label>
        {funds.map((fund) => (
          <Menu.Item
            key={fund.id}
            leftSection={<IconBuildingBank size={16} />}
            rightSection={fund.id === current ? <IconCheck size={14} aria-label="open" /> : null}
            onClick={() => onChoose(fund.id)}
          >
            {fund.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={onAll}>All funds</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
