import { Halves, May, PageHead, Stack } from '@/ui';
import { Directories } from './Directories';
import { FourEyes } from './FourEyes';
import { PasswordRule } from './PasswordRule';
import { ReportingCurrencies } from './ReportingCurrencies';
import { SecondFactorRule } from './SecondFactorRule';

/** What holds for the whole firm. */
export default function SettingsPage() {
  return (
    <>
      <PageHead title="Settings" sub="What holds for the whole firm" />
      <Stack>
        <Halves>
          <May operation="approval.read">
            <FourEyes />
          </May>
          <May operation="sign_in_rules.read">
            <Stack>
              <SecondFactorRule />
              <PasswordRule />
            </Stack>
          </May>
        </Halves>
        <Halves>
          <May operation="reporting_settings.read">
            <ReportingCurrencies />
          </May>
          <May operation="identity_provider.read">
            <Directories />
          </May>
        </Halves>
      </Stack>
    </>
  );
}
