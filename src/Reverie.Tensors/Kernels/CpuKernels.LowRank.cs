using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <summary>Rows of a piece where one addition has many.</summary>
    private const int LowRankBlock = 16;

    /// <summary>Multiply-adds of a call below which the threads are not worth waking.</summary>
    private const long SmallLowRank = 1 << 16;

    /// <inheritdoc/>
    public void AddLowRanks(Tensor x, ReadOnlySpan<LowRankRows> rows, Tensor y)
    {
        const int lanes = LowRankProduct<float, Simd32>.Lanes;
        int blocks = 0, singles = 0, rank = 0;
        long work = 0;
        foreach (LowRankRows run in rows)
        {
            if (run.Count < lanes) singles += run.Count;
            else blocks += Pieces(run.Count, LowRankBlock);
            rank = Math.Max(rank, run.Up.Rows);
            work += (long)run.Count * run.Up.Rows * (x.Columns + y.Columns);
        }

        // Blocks of rows first, then single rows.
        var pieces = (LowRankPiece*)Scratch.Take(ScratchUse.Call, (blocks + singles) * (long)sizeof(LowRankPiece) / sizeof(float));
        int nextBlock = 0, nextSingle = blocks;
        foreach (LowRankRows run in rows)
        {
            int block = run.Count < lanes ? 1 : LowRankBlock;
            for (int row = 0; row < run.Count; row += block)
            {
                var piece = new LowRankPiece { Start = run.Start + row, Count = Math.Min(block, run.Count - row), Rank = run.Up.Rows, Down = run.Down.Pointer, Up = run.Up.Pointer, Scale = run.Scale };
                pieces[block == 1 ? nextSingle++ : nextBlock++] = piece;
            }
        }

        var job = new LowRankJob { Pieces = pieces, Blocks = blocks, Singles = singles, X = x.Pointer, Y = y.Pointer, Inputs = x.Columns, Outputs = y.Columns, Rank = rank };
        int count = blocks + Pieces(singles, lanes);
        if (work > SmallLowRank) Run(job, count);
        else
            for (int i = 0; i < count; i++) new Widest<LowRankJob>(job).Execute(i);
    }

    private struct LowRankJob : IVectorJob
    {
        public LowRankPiece* Pieces;
        public int Blocks, Singles, Inputs, Outputs, Rank;
        public float* X, Y;

        public readonly void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            const int lanes = LowRankProduct<TVector, TSimd>.Lanes;
            float* inner = Scratch.Take(ScratchUse.Piece, (long)LowRankBlock * Rank);
            if (index < Blocks)
            {
                LowRankProduct<TVector, TSimd>.Rows(Pieces[index], X, Inputs, Y, Outputs, inner);
                return;
            }

            int first = (index - Blocks) * lanes, count = Math.Min(lanes, Singles - first);
            LowRankPiece* pieces = Pieces + Blocks + first;
            bool equal = count == lanes;
            for (int i = 1; i < count; i++) equal &= pieces[i].Rank == pieces->Rank;
            if (equal) LowRankProduct<TVector, TSimd>.Singles(pieces, X, Inputs, Y, Outputs, inner);
            else
                for (int i = 0; i < count; i++) LowRankProduct<TVector, TSimd>.Rows(pieces[i], X, Inputs, Y, Outputs, inner);
        }
    }
}
