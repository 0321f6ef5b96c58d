import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { periodText } from '@/lib/format';
import { Card, ErrorBlock, LoadingBlock, Logo } from '@/ui';
import { FillIn } from './FillIn';
import classes from './FormPage.module.css';
import { formQuery } from './queries';
import { ReceiptCard } from './ReceiptCard';

/** What a company sees behind its link: the form until it is sent, then the receipt. No account, no frame. */
export default function FormPage() {
  const { token = '' } = useSearch({ from: '/form' });
  const query = useQuery(formQuery(token));
  const form = query.data;
  const title = form ? `${form.name}, ${periodText(form.period)}` : 'Form';
  useEffect(() => {
    document.title = `${title} · Vestry`;
  }, [title]);
  const isOpen = form && ['asked', 'draft', 'returned'].includes(form.state);
  return (
    <main className={classes.page}>
      <header className={classes.head}>
        <Logo size={28} />
        <span>{form ? `${form.firm} asks ${form.company}` : 'Vestry'}</span>
      </header>
      {!form && (
        <Card className={classes.card}>
          <h1 className="sr-only">Form</h1>
          {query.isError ? (
            <ErrorBlock error={query.error} what="the form" />
          ) : (
            <LoadingBlock size="m" label="the form" />
          )}
        </Card>
      )}
      {isOpen && <FillIn key={form.state} token={token} form={form} />}
      {form && !isOpen && form.receipt && <ReceiptCard form={form} receipt={form.receipt} />}
    </main>
  );
}
