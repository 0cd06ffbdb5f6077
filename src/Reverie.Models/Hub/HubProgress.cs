namespace Reverie.Models;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file's number, from 1.</param>
/// <param name="Files">Number of files that are fetched.</param>
/// <param name="Bytes">Bytes of this file that are here.</param>
/// <param name="TotalBytes">Size of this file; null while unknown.</param>
public readonly record struct HubProgress(int File, int Files, long Bytes, long? TotalBytes);
