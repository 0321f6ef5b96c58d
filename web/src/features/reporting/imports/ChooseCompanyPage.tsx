import { Link, useNavigate } from '@tanstack/react-router';
import { searchBy } from '@/api/entities';
import { Card, CardBody, CardHead, EntitySelect, PageHead } from '@/ui';

/** Whose figures are to be imported: each company's files are read by what its earlier ones taught. */
export default function ChooseCompanyPage() {
  const navigate = useNavigate();
  return (
    <>
      <PageHead title="Import figures" crumbs={<Link to="/imports">Imports</Link>} />
      <Card>
        <CardHead title="Whose figures" sub="A company’s files are read by what its earlier ones taught" />
        <CardBody>
          <EntitySelect
            label="Company"
            name="companies"
            value=""
            load={searchBy('/api/v1/companies')}
            onChange={(companyId) =>
              companyId &&
              void navigate({ to: '/companies/$companyId/financials/import', params: { companyId } })
            }
          />
        </CardBody>
      </Card>
    </>
  );
}
