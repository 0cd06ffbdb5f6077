using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Makes a folder as a whole or not at all: it is filled under a temporary name beside its place and then renamed. What a
/// crash leaves behind ends in <see cref="TemporarySuffix"/> and is nobody's model.
/// </summary>
public static class AtomicFolder
{
    /// <summary>How the names of unfinished folders end.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Creates <paramref name="folder"/> and fills it through <paramref name="write"/>, which gets the temporary path.</summary>
    /// <exception cref="ReverieException">The folder is there already, or the disk is full or cannot be written: nothing is left.</exception>
    public static void Write(string folder, Action<string> write)
    {
        string full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        if (Path.Exists(full)) throw new ReverieException($"{folder} is there already, and what is saved never changes. Choose another name or version.");
        string temporary = $"{full}.{Environment.ProcessId}{TemporarySuffix}";
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            Directory.CreateDirectory(temporary);
            write(temporary);
            Directory.Move(temporary, full);
        }
        catch (Exception e)
        {
            try
            {
                if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            }
            catch (Exception cleanup) when (cleanup is IOException or UnauthorizedAccessException)
            {
                // The first failure is the one worth reporting.
            }

            if (e is IOException or UnauthorizedAccessException)
                throw new ReverieException($"Cannot write {folder}: {e.Message.TrimEnd('.')}. Free some space or choose another folder.", e);
            throw;
        }
    }
}
