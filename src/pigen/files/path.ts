/** Joins a folder and a relative path without looking at `.` and `..`. */
export function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** The folder that holds a path; a root (`/`, `C:/`) is its own. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  if (end < 0) return path;
  if (end === 0) return '/';
  const folder = path.slice(0, end);
  return /^[A-Za-z]:$/.test(folder) ? `${folder}/` : folder;
}

/** The last part of a path; empty for a root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path starts at a root: `/x`, `C:/x`. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

/** Makes a path absolute against a folder, and undoes `.`, `..`, double and trailing slashes. Links are not followed. */
export function resolvePath(folder: string, path: string): string {
  const whole = isAbsolute(path) ? path : joinPath(folder, path);
  const root = /^(?:[A-Za-z]:\/|\/\/(?=[^/])|\/)/.exec(whole)?.[0] ?? '';
  const parts: string[] = [];
  for (const part of whole.slice(root.length).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return root + parts.join('/');
}

/** Whether a path is a folder or lies below it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** A path's way from a folder, with `/`; the path itself where it lies elsewhere. Empty for the folder itself. */
export function relativePath(folder: string, path: string): string {
  if (path === folder) return '';
  return isWithin(folder, path) ? path.slice(folder.endsWith('/') ? folder.length : folder.length + 1) : path;
}

/** As the user would type it from the working directory: `.` for that directory itself. */
export function shownPath(path: string, workingFolder: string): string {
  return relativePath(workingFolder, path) || '.';
}
