using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Removes a folder as a whole: it has lost its name before its first file goes. What a crash leaves is as after <see cref="Write"/>.</summary>
    /// <exception cref="ReverieException">It cannot be removed.</exception>
    public static void Delete(string folder)
    {
        string full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar), temporary = $"{full}.{Environment.ProcessId}{TemporarySuffix}";
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            Directory.Move(full, temporary);
            Directory.Delete(temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot delete {folder}: {e.Message.TrimEnd('.')}. Delete it yourself.", e);
        }
    }

    /// <summary>Removes what processes that have ended left under temporary names in a folder: their own and those of <see cref="AtomicFile"/>.</summary>
    /// <exception cref="ReverieException">One cannot be removed.</exception>
    public static void CleanUp(string folder)
    {
        try
        {
            foreach (string path in Directory.GetFileSystemEntries(folder, "*" + TemporarySuffix).Where(IsLeftBehind))
            {
                if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
                else File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot clean up {folder}: {e.Message.TrimEnd('.')}. Delete what ends in {TemporarySuffix} yourself.", e);
        }
    }

    /// <summary>Whether the process whose number a temporary name has is gone; another may have its number by now, but began later.</summary>
    private static bool IsLeftBehind(string path)
    {
        string[] parts = Path.GetFileName(path).Split('.');
        if (parts.Length < 3 || !int.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out int id)) return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return File.GetLastWriteTimeUtc(path) < process.StartTime.ToUniversalTime();
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended this moment, or tells us nothing: the next time decides.
            return false;
        }
    }
}
