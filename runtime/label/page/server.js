// What the page asks of the program that serves it (Session.h, Server.h).

export const imageUrl = image => `image/${image}`;
export const thumbnailUrl = image => `thumbnail/${image}`;

// Throws an Error whose message is a sentence for the user.
async function call(path, options) {
  let response;
  for (let attempt = 0; !response; ++attempt) {
    try {
      response = await fetch(path, options);
    } catch {
      // A connection that was kept open may have just ended; asking twice does no harm.
      if (attempt === 0) continue;
      throw new Error("The program that serves this page does not answer. Start it again with the same command " +
                      "and open the address that it prints: every label that was shown as saved is in the file.");
    }
  }
  if (!response.ok) throw new Error(await response.text());
  return response;
}

const json = async (path, options) => (await call(path, options)).json();

export const state = () => json("state");
export const suggestions = from => json(`suggestions/${from}`);
// The label is on the disk when this is done. `answer`: {classes, boxes} or null.
export const put = (image, answer) => json("label", {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify({image, answer}),
});
// Why an image can't be shown.
export async function complaint(image) {
  try {
    await call(imageUrl(image));
    return "The browser can't show this image.";
  } catch (error) {
    return error.message;
  }
}
