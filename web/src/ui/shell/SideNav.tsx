import type { Icon } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import classes from './Shell.module.css';

export interface NavItem {
  to: string;
  label: string;
  /** The letter that goes there, after g. */
  key: string;
  icon: Icon;
  /** How many things there wait for whoever looks. */
  count?: number;
}

export interface NavGroup {
  group: string;
  items: NavItem[];
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
                  {Boolean(item.count) && (
                    <b className={classes.count}>
                      {item.count}
                      <span className="sr-only"> waiting for you</span>
                    </b>
                  )}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
