// What Keyfold's elements bring goes to this site's own server.
const find = (selector) => document.querySelector(selector);

async function send(path, body) {
  const reply = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const json = await reply.json();
  find('#message').textContent = json.error ?? '';
  return reply.ok && json;
}

document.addEventListener('keyfold:success', async ({ target, detail }) => {
  if (await send(target.dataset.finish, detail)) location.assign('/account');
  else target.reset();
});

// With the server's token the element can add a passkey, and takes the place of what asked for it.
find('#ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { token } = await send('/registration-token', { name: find('#new-name')?.value.trim() });
  if (token) find('#add').setAttribute('token', token);
  find('#add').hidden = !token;
  find('#ask').hidden = Boolean(token);
});
// Before this script was there, they could not do anything.
for (const button of document.querySelectorAll('button')) button.disabled = false;
find('#sign-out')?.addEventListener('click', async () => (await send('/signed-out', {})) && location.assign('/'));
