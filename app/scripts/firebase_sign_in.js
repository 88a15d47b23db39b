// Signs in with Firebase's own script and posts the ID token: on the sign-in page only, and only where it is configured.
const form = document.getElementById('firebase');
const button = form.querySelector('button');
const says = document.getElementById('firebase-says');
const { folder, apiKey, authDomain, project } = form.dataset;

const failed = (words) => {
  says.textContent = words;
  button.disabled = false;
};

try {
  const [{ initializeApp }, { getAuth, GoogleAuthProvider, inMemoryPersistence, setPersistence, signInWithPopup }] =
    await Promise.all([import(`${folder}/firebase-app.js`), import(`${folder}/firebase-auth.js`)]);
  const auth = getAuth(initializeApp({ apiKey, authDomain, projectId: project }));
  // The session is ours: nothing of Firebase's stays in the browser.
  await setPersistence(auth, inMemoryPersistence);
  button.addEventListener('click', async () => {
    button.disabled = true;
    says.textContent = 'Sign in in the window that opened.';
    try {
      const provider = new GoogleAuthProvider();
      provider.setCustomParameters({ prompt: 'select_account' });
      const { user } = await signInWithPopup(auth, provider);
      form.elements.id_token.value = await user.getIdToken();
      form.submit();
    } catch (error) {
      failed(`That did not work (${error.code ?? error.message}). Please try again.`);
    }
  });
  button.disabled = false;
  says.textContent = '';
} catch {
  says.textContent = 'Firebase’s script could not be loaded. Choose another way, or try again later.';
}
