// Calls the role system methods with the vendor's own Node client and prints the result of each call as one JSON object.
// Arguments: the directory of the client, host:port of the simulator, the credentials file.
const [, , client, host, pathToCredentials] = process.argv;
const VoximplantApiClient = require(client).default;

const api = new VoximplantApiClient({ host, pathToCredentials });
api.onReady = async () => {
  const got = {};
  const call = async (name, send) => {
    try {
      got[name] = await send();
    } catch (error) {
      got[name] = { thrown: String(error.message || error) };
    }
  };
  const roles = api.RoleSystem;
  await call('getRoles', () => roles.getRoles({}));
  await call('getRoleGroups', () => roles.getRoleGroups({}));
  await call('addSubUser', () => roles.addSubUser({
    newSubuserName: 'John_McClane', newSubuserPassword: 'Yippee-1988', description: 'Nakatomi věž', roleId: [3, 7] }));
  await call('addSubUserAgain', () => roles.addSubUser({ newSubuserName: 'john_mcclane', newSubuserPassword: 'Yippee-1988' }));
  const subuserId = got.addSubUser.result && got.addSubUser.result.subuserId;
  await call('getSubUsers', () => roles.getSubUsers({ subuserId, withRoles: true }));
  await call('setSubUserInfo', () => roles.setSubUserInfo({ subuserId, description: 'Retired' }));
  await call('setSubUserRoles', () => roles.setSubUserRoles({ subuserId, roleName: 'Developer;Payer' }));
  await call('removeSubUserRoles', () => roles.removeSubUserRoles({ subuserId, roleId: '3;7', force: false }));
  await call('getSubUserRoles', () => roles.getSubUserRoles({ subuserId, withExpandedRoles: true }));
  await call('delSubUser', () => roles.delSubUser({ subuserId }));
  await call('getKeys', () => roles.getKeys({ withRoles: true, count: 100 }));
  await call('createKey', () => roles.createKey({ keyName: 'Made by Node', roleName: 'Support' }));
  await call('getAccountInfo', () => api.Accounts.getAccountInfo({}));
  process.stdout.write(JSON.stringify(got));
};
