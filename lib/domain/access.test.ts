import { describe, expect, it } from 'vitest';
import { type AccessNeed, ALL_GRANTS, type Grants, grantsOfRole, grantsOfScopes, NO_GRANTS, refusal } from './access';

const NEEDS: AccessNeed[] = ['public', 'signed-in', 'viewer', 'metrics', 'field', 'operator', 'admin'];
/** The needs that are met, at `site`. */
const met = (grants: Grants, site: string) => NEEDS.filter((need) => refusal(grants, need, site) === null);

describe('what a role may do', () => {
  const look = ['public', 'signed-in', 'viewer', 'metrics'];
  it.each([
    ['a viewer', grantsOfRole('viewer'), look],
    ['the field at its own site', grantsOfRole('field', 'alpha'), [...look, 'field']],
    ['the field of another site', grantsOfRole('field', 'bravo'), look],
    ['the field without a site', grantsOfRole('field'), look],
    ['an operator', grantsOfRole('operator'), [...look, 'field', 'operator']],
    ['an administrator', grantsOfRole('admin'), NEEDS],
  ])('%s', (_who, grants, expected) => expect(met(grants, 'alpha')).toEqual(expected));
});

describe('what scopes allow a machine', () => {
  const any = ['public', 'signed-in'];
  it.each([
    ['none', [], any],
    ['metrics', ['metrics'], [...any, 'metrics']],
    ['read', ['read'], [...any, 'viewer']],
    ['field of this site', ['field:alpha'], [...any, 'viewer', 'field']],
    ['field of another site', ['field:bravo'], [...any, 'viewer']],
    ['operate', ['operate'], [...any, 'viewer', 'field', 'operator']],
    ['admin', ['admin'], NEEDS],
    ['an unknown one', ['root', 'fieldalpha'], any],
  ])('%s', (_what, scopes, expected) => expect(met(grantsOfScopes(scopes), 'alpha')).toEqual(expected));
});

it('says why in a sentence, and never of what is allowed', () => {
  expect(refusal(grantsOfRole('field', 'bravo'), 'field', 'alpha')).toBe('You work at bravo only');
  expect(refusal(grantsOfRole('field', 'alpha'), 'field')).toBe('You work at alpha only');
  for (const need of NEEDS) expect(refusal(ALL_GRANTS, need, 'alpha')).toBeNull();
  for (const need of NEEDS.slice(2)) expect(refusal(NO_GRANTS, need, 'alpha')).toMatch(/^[A-Z][^.]+$/);
});
