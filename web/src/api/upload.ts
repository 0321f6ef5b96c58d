import { ApiError } from './client';

/** Sends a form with a file and says how much of it has gone, from 0 to 1, which fetch cannot. */
export function uploadWithProgress<Answer>(
  path: string,
  body: FormData,
  onProgress: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total, lengthComputable }) =>
      lengthComputable && onProgress(loaded / total);
    request.onload = () =>
      request.status < 300
        ? resolve(request.response as Answer)
        : reject(new ApiError(request.status, request.response));
    request.onerror = () =>
      reject(new ApiError(0, { detail: 'The connection broke.', mend: 'Try it again.' }));
    request.send(body);
  });
}
