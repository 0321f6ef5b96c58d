import type { Icon } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import classes from './Shell.module.css';

export interface NavGroup {
  group: string;
  /** `key` is the letter that goes there, after g. */
  items: { to: string; label: string; key: string; icon: Icon }[];
}

export function SideNav({ groups }: { groups: NavGroup[] }) {
  const id = useId();
  return (
    <div className={classes.links}>
      {groups.map(({ group, items }, index) => (
        <div key={group} className={classes.group}>
          <div className={classes.groupLabel} id={`${id}-${index}`}>
            {group}
          </div>
          <ul aria-labelledby={`${id}-${index}`}>
            {items.map((item) => (
              <li key={item.to}>
                <Link to={item.to} className={classes.link}>
                  <item.icon size={18} stroke={1.6} aria-hidden />
                  <span>{item.label}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
