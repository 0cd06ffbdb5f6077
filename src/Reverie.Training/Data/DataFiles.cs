using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>Finds the files that a path stands for, and opens them with failures a person can act on.</summary>
internal static class DataFiles
{
    /// <summary>
    /// The files of a path, sorted by name (ordinal): the file itself, all files under a folder, or those that match a
    /// pattern (<c>*</c> and <c>?</c> inside a name, <c>**</c> over folders). Names that start with a dot are left out
    /// of folders and patterns, and links to folders are not followed. In folders, files without an ending (LICENSE) are left out too.
    /// </summary>
    /// <exception cref="ReverieException">There is no such file, or the folder or pattern holds none.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new ReverieException("The data path is empty; give a file, a folder, a pattern such as data/**/*.txt, or hf:OWNER/NAME.");
        try
        {
            if (File.Exists(path)) return [path];
            if (Directory.Exists(path))
            {
                string[] all = [.. Under(path).Where(Path.HasExtension).Order(StringComparer.Ordinal)];
                return all.Length > 0 ? all : throw new ReverieException($"The folder {path} holds no files with an ending such as .txt, .jsonl or .parquet; put text there, or name the files.");
            }

            if (path.AsSpan().ContainsAny('*', '?')) return Matching(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot list {path}: {e.Message.TrimEnd('.')}. Check its permissions.", e);
        }

        throw new ReverieException($"There is no file or folder {path} (looked for {Path.GetFullPath(path)}); check the path.");
    }

    /// <summary>The name of a file or folder, or of the folder in which a pattern looks.</summary>
    public static string NameOf(string path)
    {
        bool exact = File.Exists(path) || Directory.Exists(path) || !path.AsSpan().ContainsAny('*', '?');
        return Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(exact ? path : Split(path).Root)));
    }

    /// <summary>Opens a file for reading from its start to its end.</summary>
    /// <exception cref="ReverieException">It is missing or may not be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path and its permissions.", e);
        }
    }

    /// <summary>Fills <paramref name="buffer"/> as far as the file goes.</summary>
    /// <exception cref="ReverieException">The file cannot be read.</exception>
    public static int Read(Stream stream, Span<byte> buffer, string path)
    {
        try
        {
            return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (IOException e)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the disk.", e);
        }
    }

    private static IReadOnlyList<string> Matching(string pattern)
    {
        (string root, string rest) = Split(pattern);
        if (!Directory.Exists(root)) throw new ReverieException($"There is no folder {root} to look for {pattern} in; check the path.");
        var regex = new Regex("^" + Translate(rest) + "$", RegexOptions.CultureInvariant);
        string[] files = [.. Under(root)
            .Where(f => regex.IsMatch(Path.GetRelativePath(root, f).Replace('\\', '/')))
            .Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new ReverieException($"No file matches {pattern}; quote the pattern if the shell expands it, and check the path.");
    }

    private static (string Root, string Pattern) Split(string pattern)
    {
        string normal = pattern.Replace('\\', '/');
        int slash = normal.LastIndexOf('/', normal.AsSpan().IndexOfAny('*', '?'));
        return (slash < 0 ? "." : slash == 0 ? "/" : normal[..slash], normal[(slash + 1)..]);
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("**/"))
            {
                regex.Append("(?:.*/)?");
                i += 2;
            }
            else if (pattern.AsSpan(i).StartsWith("**"))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", char c => Regex.Escape(c.ToString()) });
            }
        }

        return regex.ToString();
    }

    private static FileSystemEnumerable<string> Under(string folder) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName[0] != '.',
            ShouldRecursePredicate = (ref FileSystemEntry entry) => entry.FileName[0] != '.' && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
}
