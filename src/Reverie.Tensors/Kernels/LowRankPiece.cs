using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>Some rows with one low-rank addition.</summary>
internal unsafe struct LowRankPiece
{
    public int Start, Count, Rank;
    public float* Down, Up;
    public float Scale;
}

/// <summary>
/// y += scale (x A^T) B^T, each row with its own factors. Every element is made by the chains that two matrix products and a
/// scaling between them make, so the bits are theirs.
/// </summary>
internal static unsafe class LowRankProduct<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>Rows of different factors that are worked on at once: one chain alone would wait for each addition.</summary>
    public const int Lanes = 4;

    /// <summary>Rows of one addition.</summary>
    public static void Rows(in LowRankPiece piece, float* x, int inputs, float* y, int outputs, float* inner)
    {
        float* source = x + (nint)piece.Start * inputs, target = y + (nint)piece.Start * outputs;
        SmallProduct<TVector, TSimd>.Multiply(piece.Count, piece.Rank, inputs, source, inputs, 1, piece.Down, piece.Rank, inner, piece.Rank, accumulate: false);
        VectorMath<TVector, TSimd>.Scale(inner, inner, piece.Scale, piece.Count * piece.Rank);
        SmallProduct<TVector, TSimd>.Multiply(piece.Count, outputs, piece.Rank, inner, piece.Rank, 1, piece.Up, outputs, target, outputs, accumulate: true);
    }

    /// <summary>Four single rows of equal rank.</summary>
    public static void Singles(LowRankPiece* pieces, float* x, int inputs, float* y, int outputs, float* inner)
    {
        int rank = pieces->Rank;
        Inner(pieces, x, inputs, 0, inner);
        for (int i = 0, rows; i < Lanes; i += rows)
        {
            // Neighbours with the same factors read them together.
            for (rows = 1; i + rows < Lanes && pieces[i + rows].Up == pieces[i].Up && pieces[i + rows].Start == pieces[i].Start + rows; rows++) { }
            VectorMath<TVector, TSimd>.Scale(inner + i * rank, inner + i * rank, pieces[i].Scale, rows * rank);
            SmallProduct<TVector, TSimd>.Multiply(rows, outputs, rank, inner + i * rank, rank, 1, pieces[i].Up, outputs, y + (nint)pieces[i].Start * outputs, outputs, accumulate: true);
        }
    }

    /// <summary>x A^T of four rows, from column <paramref name="first"/> of the rank on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Inner(LowRankPiece* pieces, float* x, int inputs, int first, float* inner)
    {
        int rank = pieces->Rank;
        float* x0 = x + (nint)pieces[0].Start * inputs, x1 = x + (nint)pieces[1].Start * inputs, x2 = x + (nint)pieces[2].Start * inputs, x3 = x + (nint)pieces[3].Start * inputs;
        for (; first <= rank - TSimd.Width; first += TSimd.Width)
        {
            float* a0 = pieces[0].Down + first, a1 = pieces[1].Down + first, a2 = pieces[2].Down + first, a3 = pieces[3].Down + first;
            TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero;
            for (nint k = 0, at = 0; k < inputs; k++, at += rank)
            {
                c0 = TSimd.MultiplyAdd(TSimd.Broadcast(x0[k]), TSimd.Load(a0 + at), c0);
                c1 = TSimd.MultiplyAdd(TSimd.Broadcast(x1[k]), TSimd.Load(a1 + at), c1);
                c2 = TSimd.MultiplyAdd(TSimd.Broadcast(x2[k]), TSimd.Load(a2 + at), c2);
                c3 = TSimd.MultiplyAdd(TSimd.Broadcast(x3[k]), TSimd.Load(a3 + at), c3);
            }

            TSimd.Store(inner + first, c0);
            TSimd.Store(inner + rank + first, c1);
            TSimd.Store(inner + 2 * rank + first, c2);
            TSimd.Store(inner + 3 * rank + first, c3);
        }

        if (first == rank) return;
        if (TSimd.Width == 16) LowRankProduct<Vector256<float>, Simd256>.Inner(pieces, x, inputs, first, inner);
        else if (TSimd.Width == 8) LowRankProduct<Vector128<float>, Simd128>.Inner(pieces, x, inputs, first, inner);
        else LowRankProduct<float, Simd32>.Inner(pieces, x, inputs, first, inner);
    }
}
